"""A letter as its layout takes it, for tests that are about drawing."""

from typing import Any


def letter_data(*, item_count: int = 1, name: str = "天河电子有限公司", **more: object) -> dict[str, Any]:
    """Return a letter with so many items."""
    rows = [
        [f"INV-{n:04d}", "发票", "2026-03-02", "12,345.00", "12,345.00", "101", "621.33"] for n in range(item_count)
    ]
    titles = ["单据号", "类型", "约定付款日", "原金额", "未付金额", "逾期天数", "逾期违约金"]
    return {
        "title": "催款函",
        "number": "LTR-MAIN-2026-000042",
        "dated": "2026-07-10",
        "letterhead": {"name": "华泰建材有限公司", "second": "", "lines": ["上海市世纪大道 100 号"]},
        "labels": {"to": "致", "page": "第 {page} 页，共 {pages} 页"},
        "addressee": {"name": name, "lines": ["刘会计 收"]},
        "meta": [["编号", "LTR-MAIN-2026-000042"]],
        "body": [
            {"kind": "paragraph", "text": f"致 {name}"},
            {"kind": "table", "titles": titles, "rows": rows, "numbers": [3, 4, 5, 6], "total": []},
            {"kind": "signature"},
        ],
        "signature": {"name": "华泰建材有限公司", "day": "2026年7月10日"},
        **more,
    }
