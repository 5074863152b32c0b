# The contract's messages, made by tests/support/setup/python-stubs.sh; do not edit.
