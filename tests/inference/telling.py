"""An alert that was just raised, and whoever brings the messages about it."""

from inference.alerting.alert_store import Alert
from inference.alerting.deliver import Deliverer
from inference.alerting.delivery_store import Delivery, DeliveryStore
from inference.alerting.notifiers import Notifier
from inference.privacy import Privacy
from tests.inference.judging import Judging

PAGE = "https://sentiment.example/alerts"


def deliverer(people: Judging, notifier: Notifier, store: DeliveryStore | None = None) -> Deliverer:
    """As each worker has one for each receiver."""
    outbox = store or people.deliveries
    return Deliverer(notifier, outbox, people.alerts, Privacy("secret"), people.metrics, PAGE, lambda: people.now)


def alarm(people: Judging, *notifiers: Notifier, text: str = "late") -> Alert:
    """A burst, of which these are to be told."""
    people.destinations = [notifier.destination for notifier in notifiers]
    for prediction_id in people.predict(3, version="7", text=text):
        people.say(prediction_id, "rejected", 0, label="positive")
    people.watch().look()
    [alert] = people.found()
    return alert


def to(notifier: Notifier, people: Judging, alert: Alert) -> Delivery:
    """The message about it for this receiver."""
    [delivery] = [each for each in people.messages(alert) if each.destination == notifier.destination]
    return delivery
