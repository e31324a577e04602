"""The address that messages of earlier versions name: the page Monitor, which the alerts are a part of."""

from ui.pages.monitor import monitor_page


def alerts_page() -> None:
    monitor_page()


# Streamlit runs this file by itself where /alerts is the first address opened after a start. It is then the app that
# runs, as always, and finds this page by its address.
if __name__ == "__main__":
    from ui.app import main

    main()
