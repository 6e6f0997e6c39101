"""The rules of the model: functions on records, compiled or plain, one source for all drivers."""
