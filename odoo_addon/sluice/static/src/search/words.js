/** The words of a question, in what was found by it. */

const WORD = /[\p{L}\p{N}]+/gu;
/** Letters; shorter words begin too many others. */
const SHORTEST_BEGINNING = 3;

function matches(word, wanted) {
    return wanted.length < SHORTEST_BEGINNING
        ? word === wanted
        : word.startsWith(wanted);
}

/** A text in pieces of which those that match begin as a word of the question does: `[{text, isMatch}]`. */
export function marked(text, question) {
    const wanted = question.toLowerCase().match(WORD) || [];
    const pieces = [];
    let end = 0;
    for (const found of text.matchAll(WORD)) {
        const begun = found[0].toLowerCase();
        const word = wanted
            .filter((one) => matches(begun, one))
            .sort((one, other) => other.length - one.length)[0];
        if (word) {
            if (found.index > end) {
                pieces.push({text: text.slice(end, found.index), isMatch: false});
            }
            end = found.index + word.length;
            pieces.push({text: text.slice(found.index, end), isMatch: true});
        }
    }
    if (end < text.length) {
        pieces.push({text: text.slice(end), isMatch: false});
    }
    return pieces;
}

/** What Odoo says of a failed call, for people. */
export function reason(error) {
    return error.data?.message || error.message;
}
