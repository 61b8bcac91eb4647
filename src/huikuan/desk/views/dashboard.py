"""The dashboard."""

from django.http import HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, page
from huikuan.desk.charts import aging_bars, loads_chart, trend_line
from huikuan.desk.queries.dashboard import dashboard
from huikuan.desk.queries.payments import news_count


@page
def show(request: DeskRequest) -> HttpResponse:
    """Show the figures of the chosen entity."""
    figures = dashboard(request.seat)
    context = {
        "board": figures,
        "bars": aging_bars(figures),
        "loads": loads_chart(figures.loads),
        "run": figures.run,
        "news_count": news_count(request.seat),
        "trend": trend_line(figures.trend) if figures.trend else None,
    }
    return render(request, "desk/dashboard.html", context)
