"""Group robots of WeCom, DingTalk and Feishu: the staff hear what is to be decided."""
