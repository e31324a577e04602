"""What a browser would have on its screen: the widgets, pages and errors that Streamlit's messages tell of.

Widgets are found by the keys that the pages give them: those are the end of their ids, and outlive a new layout.
"""

from dataclasses import dataclass

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Navigation_pb2 import Navigation
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.proto.WidgetStates_pb2 import WidgetState

# Their values are sent with every click, as a browser does; of any other widget the server takes the default.
WITH_TEXT = frozenset({"text_area", "text_input"})
UNFINISHED = ForwardMsg.FINISHED_EARLY_FOR_RERUN
BROKEN = ForwardMsg.FINISHED_WITH_COMPILE_ERROR


class NotOnScreen(Exception):
    """A person would look for it in vain; the message says for what, and what is there."""


@dataclass(frozen=True, slots=True)
class Widget:
    identity: str
    key: str
    fragment: str  # "" where a click runs the whole page
    is_disabled: bool
    options: tuple[str, ...]


class Screen:
    def __init__(self) -> None:
        self.widgets: dict[str, Widget] = {}  # by key
        self.pages: dict[str, str] = {}  # an address without its slash, to the hash that a browser sends
        self.default_page = ""
        self.refreshes: dict[str, float] = {}  # parts that want to be run again, each so many seconds
        self.errors: list[str] = []  # of the last run
        self._page = ""
        self._texts: dict[str, str] = {}  # what the fields hold, by identity
        self._elements: dict[str, ForwardMsg] = {}  # large ones, by hash: the server sends them once
        self._used: set[str] = set()

    def show(self, message: ForwardMsg) -> bool:
        """Whether the run is over with it."""
        message = self._whole(message)
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message.new_session, list(message.metadata.run.fragment_ids))
            case "navigation":
                self._take_pages(message.navigation)
            case "auto_rerun":
                self.refreshes[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self.refreshes.pop(fragment, None)
            case "page_not_found":
                self.errors.append(f"no page {message.page_not_found.page_name!r}")
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self._take_element(message.delta.new_element, message.delta.fragment_id)
            case "script_finished":
                return self._finish(message)
        return False

    def find(self, key: str) -> Widget:
        """The widget with this key; where it ends with a dash, the newest whose key begins so."""
        found = self.widgets.get(key)
        if key.endswith("-"):
            found = next((each for name, each in reversed(self.widgets.items()) if name.startswith(key)), None)
        if found is None:
            raise NotOnScreen(f"nothing has the key {key}; there are {', '.join(self.widgets) or 'no widgets'}")
        return found

    def page(self, address: str) -> str:
        if address not in self.pages:
            raise NotOnScreen(f"there is no page {address}, but {', '.join(self.pages) or 'none at all'}")
        return self.pages[address]

    def type(self, widget: Widget, text: str) -> None:
        self._texts[widget.identity] = text

    def rerun(
        self, *, clicked: Widget | None = None, page: str = "", fragment: str = "", by_itself: bool = False
    ) -> bytes:
        """What a browser sends for a click, for another page (its hash), or for a part that is due again."""
        message = BackMsg()
        state = message.rerun_script
        state.page_script_hash = page or self._page
        state.fragment_id = fragment or (clicked.fragment if clicked else "")
        state.is_auto_rerun = by_itself
        state.cached_message_hashes.extend(self._elements)
        state.context_info.timezone, state.context_info.timezone_offset = "Europe/Paris", -60
        state.context_info.locale, state.context_info.color_scheme = "en-US", "light"
        if page and page != self._page:
            self.refreshes.clear()
            self._texts.clear()
        state.widget_states.widgets.extend(
            WidgetState(id=identity, string_value=text) for identity, text in self._texts.items()
        )
        if clicked is not None:
            state.widget_states.widgets.append(WidgetState(id=clicked.identity, trigger_value=True))
        content: bytes = message.SerializeToString()
        return content

    def _whole(self, message: ForwardMsg) -> ForwardMsg:
        """Large elements come once; after that, the server names them."""
        if message.WhichOneof("type") == "ref_hash":
            if message.ref_hash not in self._elements:
                raise NotOnScreen(f"the server refers to the message {message.ref_hash}, which it has not sent")
            message = self._elements[message.ref_hash]
        if message.metadata.cacheable:
            self._elements[message.hash] = message
            self._used.add(message.hash)
        return message

    def _begin(self, session: NewSession, fragments: list[str]) -> None:
        self.errors, self._used = [], set()
        self._page = session.page_script_hash
        if fragments:
            self.widgets = {key: each for key, each in self.widgets.items() if each.fragment not in fragments}
        else:
            self.widgets, self.refreshes = {}, {}

    def _take_pages(self, navigation: Navigation) -> None:
        self._page = navigation.page_script_hash
        self.pages = {each.url_pathname: each.page_script_hash for each in navigation.app_pages if not each.is_hidden}
        self.default_page = next((each.page_script_hash for each in navigation.app_pages if each.is_default), "")

    def _take_element(self, element: Element, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self.errors.append(element.alert.body)
        elif kind is not None and (identity := str(getattr(getattr(element, kind), "id", ""))):
            self._take_widget(element, kind, identity, fragment)

    def _take_widget(self, element: Element, kind: str, identity: str, fragment: str) -> None:
        proto = getattr(element, kind)
        # $$ID, a hash, and the key, which may hold dashes; None where the page gave it no key.
        key = identity.split("-", maxsplit=2)[-1]
        key = identity if key == "None" else key
        options = tuple(map(str, getattr(proto, "options", ()))) if kind == "radio" else ()
        self.widgets.pop(key, None)
        self.widgets[key] = Widget(identity, key, fragment, bool(getattr(proto, "disabled", False)), options)
        if kind in WITH_TEXT:
            given = str(proto.value if proto.HasField("value") else proto.default)
            self._texts[identity] = given if proto.set_value else self._texts.get(identity, given)
        elif kind == "radio":
            chosen = proto.options[proto.default] if proto.HasField("default") else ""
            given = str(proto.raw_value) if proto.HasField("raw_value") else str(chosen)
            if proto.set_value or identity not in self._texts:
                self._texts[identity] = given

    def _finish(self, message: ForwardMsg) -> bool:
        if message.script_finished == UNFINISHED:
            return False
        if message.script_finished == BROKEN:
            self.errors.append("the page's code does not compile")
        if not message.metadata.run.fragment_ids:
            shown = {each.identity for each in self.widgets.values()}
            self._texts = {identity: text for identity, text in self._texts.items() if identity in shown}
            self._elements = {each: self._elements[each] for each in self._used}
        return True
