"""Pictures on disk: reading and checks, headers, PNG writing, folders, hashes of pixels."""
