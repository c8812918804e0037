"""Pages of accounts, beside those that Django has."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views import generic

from accounts.forms import SignUpForm


@method_decorator(login_not_required, name="dispatch")
class SignUp(generic.FormView):
    """Makes an account and signs it in."""

    form_class = SignUpForm
    template_name = "registration/sign_up.html"
    success_url = reverse_lazy("dashboard")

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        if not settings.ALLOW_SIGN_UP:
            raise Http404("Accounts are made by the administrators.")
        return super().dispatch(request, *args, **options)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        login(self.request, form.save())
        return super().form_valid(form)


@login_not_required
def health(_: HttpRequest) -> HttpResponse:
    """Says that the application answers."""
    return HttpResponse("ok", content_type="text/plain")
