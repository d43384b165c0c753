"""What goes wrong, as a page that says what to do."""

from urllib.parse import quote

from litestar import Response
from litestar.exceptions import HTTPException

from tradeflow.api import codes
from tradeflow.api.auth import AnyRequest
from tradeflow.api.problems import on_unexpected
from tradeflow.errors import Problem
from tradeflow.language.catalogues import N_, chosen
from tradeflow.portal.page import HOME, LANGUAGE, Page

TITLES = {
    403: N_("This is not yours to do"),
    404: N_("There is nothing here"),
    405: N_("This address takes a form only"),
    409: N_("That does not go together"),
    413: N_("That is too large"),
    429: N_("Too much at once"),
    503: N_("The hub cannot do this now"),
}
WHAT_TO_DO = {
    403: N_("Somebody else of your company may be allowed to do it. An administrator of your company can change what you may do."),
    404: N_("The address may be mistyped, or what it named is over. What other parties keep to themselves is not shown either."),
    413: N_("Send it in parts, or smaller."),
    429: N_("Wait a moment, then load the page again."),
    503: N_("Nothing was stored. Wait a moment, then try again."),
    500: N_("This is our mistake. Tell the operator of the hub the number of the incident. Nothing that you sent was half done."),
}


def on_problem(request: AnyRequest, problem: Problem) -> Response[str]:
    """What the use cases raise. Who is not signed in is asked to, and led back to where it wanted to go."""
    page = page_for(request)
    if problem.status == 401 and problem.code == "UNAUTHENTICATED":
        page.user = None
        wanted = request.url.path if request.method == "GET" and not page.htmx else HOME
        return page.go(f"{HOME}/sign-in?next={quote(wanted)}")
    title = TITLES.get(problem.status, N_("That did not work"))
    return _page(page, problem.status, title, problem, "")


def on_http(request: AnyRequest, error: HTTPException) -> Response[str]:
    """What the framework raises: no such address, a parameter that does not fit."""
    if error.status_code >= 500:
        return on_error(request, error)
    status = 404 if error.status_code == 400 else error.status_code
    return _page(page_for(request), status, TITLES.get(status, TITLES[404]), None, "")


def on_error(request: AnyRequest, error: Exception) -> Response[str]:
    """A defect of ours: an incident number leads to the log line."""
    logged = on_unexpected(request, error)
    incident = str(logged.content).partition('"incident":"')[2].partition('"')[0]
    return _page(page_for(request), 500, N_("The hub failed"), None, incident)


def page_for(request: AnyRequest) -> Page:
    """The page that was being made, or one for somebody unknown."""
    made = request.scope.get("tradeflow.page")
    if isinstance(made, Page):
        return made
    language = chosen(request.cookies.get(LANGUAGE, ""), request.headers.get("accept-language", ""))
    return Page(request, request.app.state.hub, language, None, ())


def _page(page: Page, status: int, title: str, problem: Problem | None, incident: str) -> Response[str]:
    show = page.part if page.htmx else page.html
    means = codes.title(problem.code, status) if problem else ""
    template = "problem_part.html" if page.htmx else "problem.html"
    answer = show(template, status, title=title, problem=problem, incident=incident, todo=WHAT_TO_DO.get(status, ""), means=means)
    if problem and problem.wait_seconds:
        answer.headers["Retry-After"] = str(problem.wait_seconds)
    return answer
