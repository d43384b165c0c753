"""The people of a demo: everybody of its cast can sign in with one password that everybody knows. Only a sandbox has them."""

from dataclasses import dataclass

from tradeflow.store import accounts
from tradeflow.store.uow import Store

DOMAIN = "demo.example"
PASSWORD = "seventeen paper lanterns"  # noqa: S105 - printed, shown at the sign-in, and good for nothing but a demo


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody to sign in as."""

    email: str
    role: str
    company: str


class Demo:
    """Who can be signed in as without being asked who one is; nobody, unless the hub is a demo."""

    def __init__(self, store: Store, shown: bool) -> None:
        self._store, self.shown = store, shown

    async def people(self) -> list[DemoUser]:
        """The people of the demo, those of exporter and importer first."""
        found = await accounts.of_domain(self._store, DOMAIN) if self.shown else []
        first = {f"{role}@{DOMAIN}": order for order, role in enumerate(("exporter", "importer"))}
        made = [DemoUser(email, role, company) for email, role, company in found]
        return sorted(made, key=lambda one: (first.get(one.email, 2), one.email == f"operator@{DOMAIN}", one.role, one.email))
