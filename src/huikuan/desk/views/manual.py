"""The short manual inside the product."""

from django.http import HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, page


@page
def show(request: DeskRequest) -> HttpResponse:
    """Show how a day goes, the keys, and the words."""
    return render(request, "desk/manual.html")
