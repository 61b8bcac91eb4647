"""What columns and values are called in files that people have: accounting programs, tax exports, hand-made lists."""

from typing import Final

from huikuan.exchange.rules.lists import ListKind

_CUSTOMER_CODE: Final = (
    "客户编码 客户代码 客户编号 客户号 往来单位编码 往来单位编号 往来单位代码 单位编码 单位编号 "
    "购方编码 购方编号 购货单位编码 "
    "业主编号 租户编号 承租人编号 客商编码 客商代码 customer customerid customerno customernumber "
    "clientcode clientid clientno "
    "debtorcode debtorno debtorid accountcode accountno partnercode bpcode customeraccount"
)
_CURRENCY: Final = "币种 币别 货币 币制 货币代码 结算币种 currencycode curr ccy"
# In tax exports 金额 is without tax when 价税合计 stands beside it: of several columns the first listed here counts.
_AMOUNT: Final = (
    "价税合计 价税合计金额 含税金额 应收金额 应收款 金额 发票金额 开票金额 总金额 合计金额 原币金额 本币金额 合计 "
    "amountdue grossamount invoiceamount totalamount gross openamount"
)
_CONTRACT_NUMBER: Final = (
    "合同编号 合同号 合同号码 合同编码 协议编号 合约编号 contract contractno contractid contractcode "
    "agreementno agreementnumber"
)
_EMAIL: Final = "邮箱 电子邮箱 电子邮件 邮件 邮箱地址 电邮 emailaddress mail"
_PHONE: Final = (
    "电话 联系电话 手机 手机号 手机号码 电话号码 移动电话 固定电话 phoneno phonenumber telephone tel "
    "mobile mobilephone cell"
)

HEADERS: Final[dict[ListKind, dict[str, str]]] = {
    ListKind.CUSTOMERS: {
        "code": _CUSTOMER_CODE + " 编码 编号 代码 id no customercode",
        "name": (
            "客户名称 客户 名称 客户全称 公司名称 企业名称 单位名称 往来单位 往来单位名称 购方名称 购买方名称 "
            "购货单位 "
            "业主名称 业主姓名 租户名称 承租人 客商名称 customername companyname company clientname "
            "debtorname accountname"
        ),
        "registration_no": (
            "统一社会信用代码 社会信用代码 信用代码 纳税人识别号 税号 注册号 营业执照号 购方税号 购买方识别号 登记号 "
            "registrationnumber registration regno uscc taxid taxno vatno vatid companynumber"
        ),
        "country": "国家 国别 国家地区 国家代码 所在国家 countrycode",
        "currency": _CURRENCY,
        "industry": "行业 所属行业 行业分类 sector branch",
        "size_class": "规模 企业规模 企业规模类型 规模类型 客户规模 size companysize",
        "language": "语言 语种 首选语言 lang locale preferredlanguage",
        "time_zone": "时区 timezone tz",
        "email": _EMAIL,
        "phone": _PHONE,
        "collector": (
            "催收员 催收人 催收专员 收款责任人 清欠责任人 回款责任人 负责人 责任人 collectorname assignedto caseowner"
        ),
        "sales_owner": (
            "业务员 销售员 销售负责人 客户经理 销售 业务经理 salesperson salesrep accountmanager salesmanager sales"
        ),
    },
    ListKind.CONTACTS: {
        "customer_code": _CUSTOMER_CODE + " code 编码",
        "name": "姓名 联系人 联系人姓名 名字 contact contactname fullname contactperson person",
        "role": "角色 职务 岗位 职位 职责 position title jobtitle function",
        "email": _EMAIL,
        "phone": _PHONE,
        "preferred_channel": "首选渠道 首选联系方式 偏好渠道 联系方式偏好 首选方式 联系渠道 channel preferredcontact",
        "preferred_hours": "方便时段 首选时段 偏好时段 联系时段 方便联系时间 方便时间 preferredtime besttime hours",
    },
    ListKind.CONTRACTS: {
        "number": _CONTRACT_NUMBER + " 编号 contractnumber no",
        "customer_code": _CUSTOMER_CODE + " code 编码",
        "kind": "合同类型 合同类别 类型 类别 contracttype contractkind type",
        "signed_on": (
            "签订日期 签约日期 签署日期 签订日 签约日 合同日期 合同签订日期 signedat signeddate signaturedate "
            "contractdate date"
        ),
        "term_days": (
            "账期 账期天数 付款期限 付款天数 信用期 信用天数 账期天 paymentterm paymentterms termdays netdays "
            "creditdays terms days"
        ),
        "penalty_rate_per_day": (
            "日违约金率 违约金日利率 日利率 违约金率日 每日违约金 日滞纳金率 滞纳金日利率 日罚息率 dailyrate "
            "ratedaily rateperday dailypenaltyrate"
        ),
        "penalty_rate_per_year": (
            "年违约金率 违约金年利率 年利率 年化违约金率 年罚息率 逾期年利率 annualrate yearlyrate "
            "rateperyear annualpenaltyrate"
        ),
        "basis": "计息基础 计息天数 年天数 年计息天数 daybasis daycount yeardays dayspyear basisdays",
        "grace_days": "宽限期 宽限天数 宽限期天数 宽限日 graceperiod grace",
        "grace_mode": "宽限方式 宽限模式 宽限期方式 宽限类型 gracetype",
        "cap_share": "违约金上限 违约金封顶 上限比例 封顶比例 违约金上限比例 capshare cap penaltycap",
        "clause": "条款 违约条款 违约金条款 条款编号 合同条款 penaltyclause contractclause",
    },
    ListKind.ITEMS: {
        "number": (
            "发票号码 发票号 单据号 单据编号 单据号码 应收单号 应收单编号 应收编号 单号 编号 发票编号 "
            "数电票号码 数电发票号码 全电发票号码 账单号 "
            "账单编号 凭证号 invoicenumber invoiceno invoice invoiceid documentnumber documentno docno billno "
            "billnumber no itemnumber itemno"
        ),
        "customer_code": _CUSTOMER_CODE,
        "contract_number": _CONTRACT_NUMBER,
        "kind": "类型 单据类型 应收类型 款项类型 单据类别 业务类型 费用类型 type documenttype doctype itemkind",
        "issued_on": (
            "开票日期 开具日期 发票日期 单据日期 出账日期 账单日期 业务日期 开票日 开单日期 invoicedate "
            "issuedate issuedat issued documentdate docdate billdate date"
        ),
        "due_on": (
            "到期日 到期日期 应收日期 应付日期 付款到期日 应收到期日 收款到期日 付款截止日 最后付款日 "
            "缴费截止日 约定付款日 应收款日期 duedate dueat due paymentdue payby maturity maturitydate"
        ),
        "amount": _AMOUNT,
        "currency": _CURRENCY,
    },
    ListKind.RECEIPTS: {
        "reference": (
            "流水号 交易流水号 银行流水号 收款单号 收款编号 收款单编号 凭证号 交易号 回单号 回单编号 "
            "银行回单号 单号 编号 收据号 参考号 "
            "ref receiptnumber receiptno receiptid receipt paymentreference paymentno paymentid transactionid "
            "transactionno txid bankreference referenceno"
        ),
        "customer_code": _CUSTOMER_CODE,
        "received_on": (
            "收款日期 到账日期 到账日 回款日期 交易日期 入账日期 收款日 回款日 记账日期 起息日 valuedate "
            "receiveddate receivedat received receiptdate paymentdate paidon paidat date"
        ),
        "amount": (
            "金额 收款金额 到账金额 回款金额 实收金额 交易金额 贷方金额 贷方发生额 收入金额 入账金额 "
            "amountreceived receivedamount paidamount paymentamount credit"
        ),
        "currency": _CURRENCY,
        "item_number": (
            "发票号码 发票号 核销单号 核销发票 核销发票号 对应发票 对应单号 应收单号 指定发票 invoicenumber "
            "invoiceno invoice paysinvoice itemno"
        ),
        "payer_name": (
            "付款人 付款方 付款方名称 付款人名称 付款单位 对方户名 对方名称 汇款人 付款账户名称 payer "
            "payername paidby remitter counterparty"
        ),
    },
}
"""Other headings of a column, separated by blanks, folded as `layout.folded` does; its own name always counts."""

VALUES: Final[dict[tuple[ListKind, str], dict[str, str]]] = {
    (ListKind.CUSTOMERS, "size_class"): {
        "MICRO": "micro 微型 微型企业 微企 微",
        "SMALL": "small 小型 小型企业 小企业 小微 小微企业 小",
        "MEDIUM": "medium 中型 中型企业 中企 中 midsize mid",
        "LARGE": "large 大型 大型企业 大企业 大 big",
        "PUBLIC": "public publicbody government 机关 机关事业单位 事业单位 行政机关 政府机关 政府",
        "PERSON": "person individual naturalperson 个人 自然人 业主",
    },
    (ListKind.CONTACTS, "preferred_channel"): {
        "EMAIL": "email mail 邮件 电子邮件 邮箱 电邮",
        "SMS": "sms text textmessage 短信",
        "PHONE": "phone telephone call 电话 手机",
        "LETTER": "letter post 信函 信件 邮寄 快递 函件",
    },
    (ListKind.CONTRACTS, "kind"): {
        "SALE": "sale sales goods purchase 买卖 买卖合同 销售 销售合同 购销 购销合同 采购合同 货物",
        "LEASE": "lease rent rental tenancy 租赁 租赁合同 房屋租赁 租约",
        "FINANCIAL_LEASE": "financiallease financelease leasing 融资租赁 融资租赁合同",
        "PROPERTY": "property propertymanagement 物业 物业服务 物业服务合同 物业合同 物业管理",
        "SERVICE": "service services subscription 服务 服务合同 订阅 技术服务",
        "WORKS": "works construction 工程 建设工程 施工 施工合同 承揽",
    },
    (ListKind.CONTRACTS, "grace_mode"): {
        "FORGIVING": "forgiving forgive 免罚 宽免 宽限期内免收 豁免",
        "SHIFTING": "shifting shift 顺延 起算顺延 延后起算",
    },
    (ListKind.ITEMS, "kind"): {
        "INVOICE": "invoice 发票 应收 应收单 应收款 货款 销售发票 蓝字发票 账单 bill",
        "DEBIT_NOTE": "debitnote debit 借项 借项通知单 借记单 补收 其他应收",
        "CREDIT_NOTE": "creditnote credit creditmemo 贷项 贷项通知单 红字 红字发票 红冲 红票 退货 折让",
        "RENT": "rent lease 租金 房租",
        "PROPERTY_FEE": "propertyfee managementfee servicecharge 物业费 物业管理费 物业服务费",
    },
}
"""Other ways to write a choice."""

CURRENCIES: Final = {
    "CNY": "rmb cnh 人民币 人民币元 元 ¥ cn¥",
    "USD": "us$ $ 美元 美金",
    "EUR": "€ 欧元",
    "HKD": "hk$ 港币 港元",
    "GBP": "£ 英镑",
    "JPY": "jp¥ 日元 日圆",
}
COUNTRIES: Final = {
    "CN": "china prc chn 中国 中国大陆 中华人民共和国 大陆",
    "HK": "hongkong hkg 香港 中国香港",
    "MO": "macau macao mac 澳门 中国澳门",
    "TW": "taiwan twn 台湾 中国台湾",
    "US": "usa unitedstates 美国",
    "GB": "uk gbr unitedkingdom 英国",
    "DE": "germany deu 德国",
    "FR": "france fra 法国",
    "JP": "japan jpn 日本",
    "KR": "korea kor southkorea 韩国",
    "SG": "singapore sgp 新加坡",
}
LANGUAGES: Final = {
    "zh-hans": "zh zhhans zhcn chinese 中文 简体中文 汉语 简体",
    "en": "en enus engb english 英文 英语",
}
