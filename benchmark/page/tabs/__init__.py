"""The page's tabs, one file each; `benchmark.page.tabs.registry` lists them."""
