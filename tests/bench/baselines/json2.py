"""A caller of Odoo's JSON-2 interface with nothing but the standard library, one kept connection."""

import http.client
import json
import urllib.parse


class Json2:
    """Calls methods of one Odoo database; raises RuntimeError with Odoo's own words when it refuses."""

    def __init__(self, url, database, api_key):
        address = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(address.netloc, timeout=600)
        self.headers = {
            "Authorization": f"bearer {api_key}",
            "X-Odoo-Database": database,
            "Content-Type": "application/json",
        }

    def call(self, model, method, **arguments):
        self.connection.request("POST", f"/json/2/{model}/{method}", json.dumps(arguments), self.headers)
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            try:
                answer = json.loads(body)
                told = f"{answer['name']}: {answer['message']}"
            except (ValueError, KeyError, TypeError):
                told = body[:200].decode("utf-8", "replace")
            raise RuntimeError(f"{model}.{method}: {response.status} {told}")
        return json.loads(body)
