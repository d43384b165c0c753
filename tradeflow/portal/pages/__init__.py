"""The pages. Each module has a list `handlers` and may have a list `nav`; adding a file adds its pages."""
