// A price list on its way to Odoo: in pieces, so that no request takes long, and a piece that is lost is sent again.
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";

const ADDRESS = "/sluice_supplier_import/file";

/**
 * Sizes of pieces in bytes, and the pauses in milliseconds before a lost one is sent again: together they outlast a
 * restart of Odoo.
 */
export const PIECES = {
    largest: 4 << 20,
    smallest: 64 << 10,
    pauses: [500, 1000, 2000, 4000, 8000],
};

const LOST = new Set([0, 502, 503, 504]);
const TOO_LARGE = 413;

/** Why a list did not arrive, in words for the user; what may pass can be tried again. */
export class UploadFailed extends Error {
    constructor(words, mayPass = false) {
        super(words);
        this.mayPass = mayPass;
    }
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}

/** One list; it goes on where it was when it is sent again after a failure. */
export class ListUpload {
    /**
     * @param {File} file
     * @param {(state: {sent: number, isWaiting: boolean}) => void} tell hears how far it is
     */
    constructor(file, tell) {
        this.file = file;
        this.tell = tell;
        this.id = null;
        this.received = 0;
        this.pieceSize = PIECES.largest;
        this.isCancelled = false;
    }

    /**
     * Sends what is not there yet.
     *
     * @returns {Promise<{id: number, display_name: string} | null>} the list in Odoo; null if it was cancelled
     * @throws {UploadFailed}
     */
    async send() {
        if (!this.file.size) {
            throw new UploadFailed(_t("The file is empty."));
        }
        let answer = null;
        while (!answer || this.received < this.file.size) {
            const piece = await this._read();
            answer = await this._sendPiece(piece);
            if (this.isCancelled) {
                return null;
            }
            if (answer) {
                this.id = answer.id;
                this.received = answer.received;
                this.tell({sent: this.received, isWaiting: false});
            }
        }
        return {id: this.id, display_name: answer.name};
    }

    cancel() {
        this.isCancelled = true;
        this.stopRequest?.();
    }

    async _read() {
        const end = this.received + this.pieceSize;
        try {
            return await this.file.slice(this.received, end).arrayBuffer();
        } catch {
            // A folder, or a file that was changed or moved since.
            throw new UploadFailed(
                _t("The file cannot be read. Has it been changed or moved?")
            );
        }
    }

    /**
     * @returns {Promise<{id: number, name: string, received: number} | null>} null if the piece must be a smaller one
     */
    async _sendPiece(piece) {
        for (const pause of [...PIECES.pauses, null]) {
            if (this.isCancelled) {
                return null;
            }
            const {status, answer} = await this._request(piece);
            if (status === 200 && answer) {
                return answer;
            }
            if (status === TOO_LARGE && this.pieceSize > PIECES.smallest) {
                // A server in front of Odoo takes less.
                this.pieceSize = Math.max(this.pieceSize / 4, PIECES.smallest);
                return null;
            }
            if (!LOST.has(status)) {
                throw answer?.error
                    ? new UploadFailed(answer.error)
                    : new UploadFailed(this._inWords(status), true);
            }
            if (pause !== null && !this.isCancelled) {
                this.tell({sent: this.received, isWaiting: true});
                await this._wait(pause);
            }
        }
        throw new UploadFailed(
            _t("Odoo cannot be reached. Check the connection, then try again."),
            true
        );
    }

    _inWords(status) {
        // Somebody who is not logged in gets a page instead of an answer.
        return status === 200
            ? _t("You are not logged in any more. Log in, then try again.")
            : _t("Odoo did not take the file (error %s).", status);
    }

    /** Sends one piece once; the status is 0 where no answer came. */
    _request(piece) {
        const query = this.id
            ? new URLSearchParams({offset: this.received})
            : new URLSearchParams({name: this.file.name, size: this.file.size});
        const address = this.id ? `${ADDRESS}/${this.id}` : ADDRESS;
        // No `fetch`: it does not tell how much of a piece has gone.
        const request = new XMLHttpRequest();
        return new Promise((answered) => {
            const done = (status, answer = null) => {
                this.stopRequest = null;
                answered({status, answer});
            };
            this.stopRequest = () => {
                request.abort();
                done(0);
            };
            request.addEventListener("load", () =>
                done(request.status, parsed(request.responseText))
            );
            request.addEventListener("error", () => done(0));
            request.upload.addEventListener("progress", ({loaded}) => {
                if (!this.isCancelled) {
                    this.tell({sent: this.received + loaded, isWaiting: false});
                }
            });
            request.open("POST", `${address}?${query}`);
            request.setRequestHeader("Content-Type", "application/octet-stream");
            request.setRequestHeader("X-Csrf-Token", odoo.csrf_token);
            request.send(piece);
        });
    }

    _wait(milliseconds) {
        return new Promise((over) => {
            const timer = browser.setTimeout(over, milliseconds);
            this.stopRequest = () => {
                browser.clearTimeout(timer);
                over();
            };
        });
    }
}
