"""How a raw tweet becomes token ids: one `tokenizers` object, saved as the bundle's `tokenizer.json`.

Everything that is done to a tweet as it comes in is declared here and stored in that file, so training, serving and
batch jobs read the same text the same way. (What `cleaning.py` does is another thing: it undoes what files did to it.)
"""

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from trainer.cleaning import INVISIBLE

PAD, UNKNOWN = "[PAD]", "[UNK]"
PAD_ID, UNKNOWN_ID = 0, 1

URL_MASK, HANDLE_MASK, AIRLINE_MASK = " URL ", " USER ", " AIRLINE "
# Either case is written out: (?i:) around a look behind takes twenty times as long.
ADDRESS = r"(?:[hH][tT][tT][pP][sS]?://|(?<![\p{L}\p{N}])[wW]{3}\.)\S+"
HANDLE = r"@\w+"
# A tweet to an airline is read as one: who writes to them mostly complains, and "thanks" may be meant or not. It is all
# the same to which of them, so that no airline is judged by its name.
AIRLINES = (
    "airparadis air_paradis airfrance airfrancefr transavia transaviafr easyjet ryanair vueling klm lufthansa "
    "lufthansa_de flyswiss _austrian sn_airlines british_airways virginatlantic aerlingus iberia tapairportugal sas "
    "finnair norwegian wizzair turkishairlines emirates qatarairways etihad singaporeair cathaypacific qantas flyairnz "
    "aircanada westjet americanair united delta southwestair jetblue usairways virginamerica alaskaair spiritairlines "
    "flyfrontier hawaiianair"
)

# Words keep their inner apostrophes ("can't"), classic emoticons stay whole, anything else visible is a token of
# its own: punctuation carries mood and an emoji is often the whole tweet.
WORD = r"[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:'\p{L}+)*"
EMOTICON = r"<3|[:;=8][-o*']?[)\](\[dDpP/\\]"


def glued(mask: str) -> str:
    """The mask where it was written into a text, but not inside a word in capitals."""
    return rf"(?<![A-Z]){mask}(?![A-Za-z0-9_])"


def airline_handle() -> str:
    """The handles of airlines in any case; each letter's two cases are written out, as (?i:) is slow here too."""
    either_case = ("".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in name) for name in AIRLINES.split())
    return rf"@(?:{'|'.join(either_case)})(?!\w)"


def build_normalizer() -> normalizers.Normalizer:
    """Drop what is not seen, unescape, mask addresses and names, lower the case, and cut "soooo" to "soo".

    Sentiment140 lies here with USER and URL in their place, glued to a word where they were ("USER's"): set apart like
    the masks, so that a raw tweet and a masked one read alike.
    """
    return normalizers.Sequence(
        [
            normalizers.NFC(),
            normalizers.Replace(Regex(INVISIBLE), ""),
            normalizers.Replace("&lt;", "<"),
            normalizers.Replace("&gt;", ">"),
            normalizers.Replace("&quot;", '"'),
            normalizers.Replace("&#39;", "'"),
            normalizers.Replace("&amp;", "&"),
            normalizers.Replace(Regex(rf"{ADDRESS}|{glued('URL')}"), URL_MASK),
            normalizers.Replace(Regex(airline_handle()), AIRLINE_MASK),
            normalizers.Replace(Regex(rf"{HANDLE}|{glued('USER')}"), HANDLE_MASK),
            normalizers.Replace("\u2019", "'"),
            normalizers.Lowercase(),
            # A character is dropped while two more of its kind follow: any run is cut to two, but 1000 is not 100.
            normalizers.Replace(Regex(r"(\D)(?=\1\1)"), ""),
        ]
    )


def fit_word_tokenizer(texts: Iterable[str], *, max_words: int, min_count: int, max_tokens: int) -> Tokenizer:
    """Learn the word vocabulary from training texts.

    Words seen fewer than `min_count` times become `[UNK]`; a text longer than `max_tokens` tokens is cut.
    Ids 0 and 1 are padding and the unknown word.
    """
    tokenizer = Tokenizer(models.WordLevel(unk_token=UNKNOWN))
    tokenizer.normalizer = build_normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(f"{WORD}|{EMOTICON}|\\S"), behavior="removed", invert=True)
    trainer = trainers.WordLevelTrainer(
        vocab_size=max_words, min_frequency=min_count, special_tokens=[PAD, UNKNOWN], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding(pad_id=PAD_ID, pad_token=PAD)
    return tokenizer
