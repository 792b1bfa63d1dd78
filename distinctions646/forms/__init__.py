"""The forms in which a split is stored: plain files, Parquet, tar shards, composed on reading.

To add one: write a module here that writes the form from a recipe and reads its pictures back; name
the form in `plan.settings.WRITERS`; call the writer in `build.assemble` and the reader in
`loading.opening`; and give its files in `build.finished_build` (is it whole?) and `publish.card`.
"""
