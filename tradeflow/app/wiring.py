"""How the parts are put together: the one place where implementations are chosen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tradeflow.app.access import Caller, operator_only
from tradeflow.app.board import Boards
from tradeflow.app.bulk import Bulk
from tradeflow.app.channels import Channels
from tradeflow.app.checking import Checking
from tradeflow.app.comments import Comments
from tradeflow.app.connectors import Connectors
from tradeflow.app.deliveries import Deliveries
from tradeflow.app.demo import Demo
from tradeflow.app.deviations import Deviations
from tradeflow.app.document_queries import DocumentQueries
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.drafts import Drafts
from tradeflow.app.evidence import Evidence
from tradeflow.app.feed import Feed
from tradeflow.app.guidance import Guidance
from tradeflow.app.handle import Answer, Handler
from tradeflow.app.inbound import Inbound
from tradeflow.app.keys import Keys
from tradeflow.app.limits import Rates
from tradeflow.app.links import Links
from tradeflow.app.machines import Machines
from tradeflow.app.mandates import Mandates
from tradeflow.app.oidc.sign_in import Organisations
from tradeflow.app.overview import Overview
from tradeflow.app.partners import Partners
from tradeflow.app.printing import Printing, verify_base
from tradeflow.app.quarantine import Quarantine
from tradeflow.app.queries import ALONE_POLL_SECONDS, POLL_SECONDS, Queries
from tradeflow.app.release import Releases
from tradeflow.app.sealing import entrusted
from tradeflow.app.sessions import Sessions
from tradeflow.app.stream import Streams
from tradeflow.app.trades import SeedSpec, Trades
from tradeflow.app.uploads import Uploads
from tradeflow.app.users import Users
from tradeflow.app.worklist import Worklists
from tradeflow.errors import Problem, Refused
from tradeflow.machine.load import machine
from tradeflow.pdf.press import Press
from tradeflow.ports import Doorbell
from tradeflow.settings import Settings
from tradeflow.store.uow import Store

GUEST_PER_SECOND, GUEST_BURST = 5.0, 100  # of an address, for calls that cost something before anybody is known


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub's use cases on one database. `sandbox` is true where the clock can be set."""

    settings: Settings
    store: Store
    keys: Keys
    handler: Handler
    trades: Trades
    queries: Queries
    documents: DocumentQueries
    deviations: Deviations
    guidance: Guidance
    rates: Rates
    connectors: Connectors
    channels: Channels
    printing: Printing
    sessions: Sessions
    organisations: Organisations
    guests: Rates
    users: Users
    partners: Partners
    mandates: Mandates
    releases: Releases
    links: Links
    deliveries: Deliveries
    streams: Streams
    boards: Boards
    sandbox: bool
    demo: Demo
    inbound: Inbound
    quarantine: Quarantine
    bulk: Bulk
    worklists: Worklists
    evidence: Evidence
    overview: Overview
    checking: Checking
    drafts: Drafts
    comments: Comments
    uploads: Uploads

    @classmethod
    async def open(cls, settings: Settings, dsn: str, doorbell: Doorbell) -> "Hub":
        """Connect and compile. Raises Refused where a production hub is given a sandbox's database."""
        store = await Store.connect(dsn, settings.pool_size)
        sandbox = await store.sandbox(settings.sandbox)
        if sandbox and not settings.sandbox:
            await store.close()
            raise Refused(
                "SANDBOX_DATABASE",
                "this database belongs to a sandbox: its clock can be set. Start with --sandbox, or give another data folder",
                409,
            )
        try:
            await entrusted(store, settings)
        except BaseException:
            await store.close()
            raise
        current = machine()
        await store.keep_process_version(current.hash, current.content)
        machines = Machines(store, current)
        loader = DocumentLoader(store)
        handler = Handler(store, machines, loader, doorbell)
        documents = DocumentQueries(store, loader)
        comments = Comments(store, documents)
        inbound, guidance = Inbound(store, handler), Guidance(store, machines, loader)
        deliveries = Deliveries(store, handler)
        sessions = Sessions(store, settings.session_idle_minutes, settings.session_hours)
        poll_seconds = POLL_SECONDS if settings.redis_url else ALONE_POLL_SECONDS
        connectors, queries = Connectors(store, settings), Queries(store, machines, loader, poll_seconds)
        return cls(
            settings=settings,
            store=store,
            keys=Keys(store),
            handler=handler,
            trades=Trades(store, machines, handler),
            queries=queries,
            documents=documents,
            printing=Printing(settings, store, documents, Press(settings.print_processes, settings.print_seconds_max)),
            deviations=Deviations(store, handler),
            guidance=guidance,
            uploads=Uploads(guidance),
            rates=Rates(store, settings.rate_per_second, settings.rate_burst),
            connectors=connectors,
            channels=Channels(store, connectors),
            sessions=sessions,
            organisations=Organisations(store, sessions, verify_base(settings), settings.sandbox and settings.internal_addresses),
            guests=Rates(store, settings.rate_per_second and GUEST_PER_SECOND, GUEST_BURST, "address"),
            users=Users(store, sandbox or settings.sign_up),
            partners=Partners(store, handler),
            mandates=handler.mandates,
            releases=Releases(store, handler, handler.holding),
            links=Links(store, handler, DocumentQueries(store, loader)),
            deliveries=deliveries,
            streams=Streams(queries, Feed(store, deliveries), comments),
            boards=Boards(store, machines, loader),
            sandbox=sandbox,
            demo=Demo(store, sandbox and settings.demo),
            inbound=inbound,
            quarantine=Quarantine(store, inbound),
            bulk=Bulk(store, handler),
            worklists=Worklists(store, machines),
            evidence=Evidence(store, queries, documents),
            overview=Overview(store, machines),
            checking=Checking(store, handler),
            drafts=Drafts(store),
            comments=comments,
        )

    async def close(self) -> None:
        await self.connectors.close()
        await self.printing.close()
        await self.store.close()

    async def seed(self, caller: Caller, spec: SeedSpec) -> Answer:
        """Open a trade of a sandbox in the middle."""
        operator_only(caller)
        if not self.sandbox:
            raise Problem("NOT_A_SANDBOX", "a trade of a production hub begins at the beginning", 403)
        return await self.trades.seed(caller, spec)

    async def set_clock(self, caller: Caller, now: datetime | None, advance: timedelta) -> datetime:
        """Set the clock of a sandbox, or move it on."""
        operator_only(caller)
        if not self.sandbox:
            raise Problem("NOT_A_SANDBOX", "the clock of a production hub cannot be set", 403)
        return await self.store.set_clock(now, advance)
