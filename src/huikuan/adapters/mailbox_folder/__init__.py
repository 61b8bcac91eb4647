"""收信文件夹 mailbox_folder: mail that becomes files in a folder instead of leaving, for the demo."""
