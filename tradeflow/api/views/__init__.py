"""The shapes of answers, for the API description. Tests hold every answer against them; more members may come."""

from tradeflow.api.views.content import Catalogue, Codes, CodeView, FieldView, MessageLine, MessageView, RuleView, UseView
from tradeflow.api.views.deliveries import Acknowledged, Attempt, Deliveries, Delivery, Inbox, InboxItem, InboxLinks, NoticeText, Sender
from tradeflow.api.views.hub import Clock, IssuedKey, Key, Keys, Live, Party, Ready
from tradeflow.api.views.problems import Problem
from tradeflow.api.views.trades import (
    AllowedNow,
    Documents,
    Move,
    Receipt,
    ReceiptPart,
    Region,
    ResponsePart,
    SentTo,
    Task,
    TimelineEvent,
    Timer,
    Trade,
    TradeLine,
    TradeLinks,
    Trades,
)
