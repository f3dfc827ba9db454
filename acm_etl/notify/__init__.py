"""Messages about alarms, silent feeds and failed runs, by e-mail, chat or webhook."""
