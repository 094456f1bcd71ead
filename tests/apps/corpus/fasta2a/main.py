"""An A2A server without a worker."""

from fasta2a import FastA2A
from fasta2a.broker import InMemoryBroker
from fasta2a.storage import InMemoryStorage

app = FastA2A(storage=InMemoryStorage(), broker=InMemoryBroker())
