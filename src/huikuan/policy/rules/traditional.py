"""Traditional characters (繁体字) and the simplified ones for them: those of the words that the language check knows.

A small table of our own instead of a dictionary package: a whole conversion needs words and regions, the check only
needs the characters of its phrases. tests/rules/policy/test_wording.py asks that no phrase lacks one.
"""

from typing import Final

_PAIRS: Final = """
    东東 丧喪 为為爲 业業 亲親 们們 会會 传傳 体體 关關 内內 冻凍 别別 区區 单單 卖賣 压壓 发發髮 变變 后後 听聽 响響
    员員 团團 国國 图圖 场場 坏壞 块塊 报報 处處 备備 头頭 妈媽 学學 实實 审審 对對 将將 导導 尽盡儘 层層 属屬 带帶
    帐帳 帮幫 应應 开開 张張 强強 录錄 征徵 忆憶 怀懷 恶惡 惊驚 户戶 执執 扰擾 担擔 拟擬 择擇 挂掛 挡擋 换換 据據
    断斷 无無 时時 晓曉 暂暫 术術 机機 杀殺 权權 条條 来來 构構 桩樁 检檢 楼樓 横橫 欢歡 气氣 没沒 泼潑 满滿 滚滾
    灭滅 灵靈 点點 热熱 烂爛 状狀 独獨 狱獄 现現 电電 画畫 监監 离離 种種 称稱 窃竊 类類 系係繫 约約 级級 纠糾 组組
    经經 结結 给給 绝絕 统統 继繼 续續 维維 缉緝 缠纏 网網 罚罰 联聯 职職 脏髒 脸臉 节節 范範 虑慮 补補 装裝 见見
    规規 视視 览覽 觉覺 讨討 让讓 训訓 讯訊 议議 记記 讲講 许許 论論 设設 访訪 证證 评評 识識 诉訴 词詞 试試 话話
    诚誠 该該 说說 请請 谁誰 调調 谈談 谋謀 谨謹 负負 财財 责責 败敗 账賬 货貨 质質 贪貪 购購 贴貼 贵貴 贷貸 费費
    资資 赖賴 赶趕 车車 转轉 轰轟 轻輕 辆輛 边邊 达達 过過 还還 这這 进進 远遠 违違 连連 迟遲 邻鄰 里裡裏 针針 钉釘
    钱錢 铁鐵 锁鎖 错錯 长長 门門 闭閉 问問 间間 闸閘 闹鬧 闻聞 阀閥 队隊 阶階 际際 险險 难難 项項 须須 颜顏 风風
    饭飯 驱驅 验驗 骂罵 骗騙 黑黒 耻恥 众眾衆 着著 妆妝 写寫 叫呌 杂雜 逼偪 扣釦 占佔
"""
"""Each word: the simplified character, then the traditional ones that are written for it."""

SIMPLIFIED: Final[dict[str, str]] = {each: pair[0] for pair in _PAIRS.split() for each in pair[1:]}
"""Traditional character -> simplified."""
