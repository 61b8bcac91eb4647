"""What the people of the demo do and write down: outcomes and notes that fit how the customer pays."""

from typing import Final

OUTCOMES: Final = {
    "PROMPT": ("PROMISED", "PROMISED", "SAYS_PAID", "REACHED", "NO_ANSWER"),
    "OVERPAYS": ("SAYS_PAID", "REACHED", "PROMISED"),
    "SLIGHT": ("PROMISED", "PROMISED", "REACHED", "SAYS_PAID", "NO_ANSWER", "BUSY"),
    "NEW": ("PROMISED", "REACHED", "CALL_BACK", "NO_ANSWER"),
    "CHRONIC": ("PROMISED", "NO_ANSWER", "CALL_BACK", "REACHED", "HARDSHIP", "PROMISED", "BUSY"),
    "PARTIAL": ("PROMISED", "HARDSHIP", "REACHED", "NO_ANSWER", "PROMISED", "CALL_BACK"),
    "STOPPED": ("NO_ANSWER", "BUSY", "REFUSES", "NO_ANSWER", "HARDSHIP", "CALL_BACK"),
    "LONG": ("NO_ANSWER", "REFUSES", "NO_ANSWER", "BUSY", "HARDSHIP"),
    "DISPUTES": ("DISPUTES", "REACHED", "DISPUTES", "CALL_BACK"),
}
"""What may come of a call, by how the customer pays; repeated as often as it is likely."""

NOTES: Final = {
    "PROMISED": (
        "对方财务确认账单无误，{person}答应 {day} 前付 {amount}，已请其付款后把回单发过来。",
        "{person}说本周资金已安排，{day} 前安排付款 {amount}。",
        "与{person}核对明细，同意 {day} 付清，金额 {amount}；到期当天再确认。",
    ),
    "SAYS_PAID": (
        "{person}称款已付出，请其提供银行回单，财务查收。",
        "对方说上周已转账，未见到账，请{person}核对收款账号后发回单。",
    ),
    "REACHED": (
        "已接通，{person}表示账单已收到，正在走内部审批，暂无付款日期。",
        "{person}知道这笔欠款，说需要经办人签字，约后天再联系。",
        "对方要求补发发票和送货签收单，已记录并转销售跟进。",
    ),
    "NO_ANSWER": ("电话响铃无人接听，未留言。", "拨打后无人接听，稍后换时间再联系。"),
    "BUSY": ("占线，未接通。", "对方正在通话中，未能接通。"),
    "CALL_BACK": ("{person}在开会，约定明天下午再打。", "{person}出差，请我方两天后再联系。"),
    "HARDSHIP": (
        "{person}反映下游工程款未到，资金紧张，希望分期，已说明需要书面申请。",
        "对方称订单减少，周转困难，愿意先付一部分；建议主管评估分期。",
    ),
    "REFUSES": ("{person}称暂时不付款，未说明理由；已告知合同约定的违约金条款。", "对方态度消极，拒绝给出付款日期。"),
    "DISPUTES": (
        "{person}对其中一张单据有异议，称有两件货未签收；已登记争议，请仓库核对签收单。",
        "对方认为服务期间有停梯两天，要求扣减；已登记争议，请项目部核实。",
    ),
}  # fmt: skip
"""What a collector notes, by outcome."""

VISIT_NOTE: Final = "两人上门，{person}接待，现场生产正常；对方称月底有回款，请其出具书面付款安排。"
LETTER_NOTE: Final = "催收函已盖章，EMS 寄出，回执归档。"
DISPUTE_REASON: Final = "客户对单据提出异议，核实期间暂缓催收"
SPECIAL_REASON: Final = "客户因搬迁停业，双方确认的特殊时期"
COMPLAINT_REASON: Final = "客户投诉服务质量，处理期间暂缓催收"
TASK_NOTES: Final = {
    "REVIEW": "已阅，按现有安排继续跟进。",
    "APPROVE": "同意，按流程办理。",
    "LETTER": LETTER_NOTE,
}
