"""Events that span windows: alarms, episodes, segments."""
