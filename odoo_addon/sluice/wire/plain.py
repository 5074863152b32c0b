"""Messages of the contract as plain dicts, and back."""

from datetime import UTC, datetime

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp


def to_plain(message):
    """A message as a dict by field name: numbers are numbers, enums their full names,
    times text like 2026-01-31T08:00:00Z.

    Every field is there. An unset message or time is None; of a `oneof` only the chosen
    field is there.
    """
    plain = {}
    for field in message.DESCRIPTOR.fields:
        one_of = field.containing_oneof
        if one_of and message.WhichOneof(one_of.name) != field.name:
            continue
        value = getattr(message, field.name)
        if field.is_repeated:
            plain[field.name] = [_value(field, item) for item in value]
        elif field.type == FieldDescriptor.TYPE_MESSAGE and not message.HasField(
            field.name
        ):
            plain[field.name] = None
        else:
            plain[field.name] = _value(field, value)
    return plain


def moment(text):
    """A time of a plain dict as Odoo keeps it: without zone, in UTC. False for None."""
    if not text:
        return False
    return (
        datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    )


def _value(field, value):
    if field.type == FieldDescriptor.TYPE_ENUM:
        known = field.enum_type.values_by_number.get(value)
        # A newer server may know a word that this addon does not.
        return known.name if known else field.enum_type.values[0].name
    if isinstance(value, Timestamp | Duration):
        return value.ToJsonString()
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return to_plain(value)
    return value
