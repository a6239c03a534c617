"""The reference model's training step and decoding step in PyTorch, on the CPU; prints one line of JSON."""
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

WIDTH, LAYERS, HEADS, FEED_FORWARD, WORDS = 192, 6, 6, 512, 2048
SIZE = WIDTH // HEADS
torch.set_num_threads(int(sys.argv[1]))


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))
        self.gate, self.up = (nn.Linear(WIDTH, FEED_FORWARD, bias=False) for _ in range(2))
        self.down = nn.Linear(FEED_FORWARD, WIDTH, bias=False)
        self.attention_norm, self.feed_forward_norm = Norm(), Norm()

    def forward(self, x, cos, sin, mask, cache=None):
        batch, length, _ = x.shape
        h = self.attention_norm(x)
        q, k, v = (p(h).view(batch, length, HEADS, SIZE).transpose(1, 2) for p in (self.q, self.k, self.v))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            k, v = torch.cat((cache[0], k), 2), torch.cat((cache[1], v), 2)
        scores = q @ k.transpose(-1, -2) * SIZE**-0.5
        if mask is not None:
            scores = scores + mask
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, WIDTH)
        x = x + self.o(mixed)
        h = self.feed_forward_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h)), (k, v)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = Norm()
        self.head = nn.Linear(WIDTH, WORDS, bias=False)

    def forward(self, ids, start=0, caches=None):
        length = ids.shape[1]
        angle = torch.arange(start, start + length)[:, None] * 10000.0 ** (-torch.arange(0, SIZE, 2) / SIZE)
        mask = torch.full((length, length), -1e9).triu(1) if length > 1 else None
        x, kept = self.embedding(ids), []
        for i, layer in enumerate(self.layers):
            x, cache = layer(x, angle.cos(), angle.sin(), mask, caches[i] if caches else None)
            kept.append(cache)
        return self.head(self.norm(x)), kept


def product_rate():
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * 1024**3 / sorted(times)[5] / 1e9


def milliseconds(work, runs):
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * sorted(times)[len(times) // 2]


model = Model()
optimizer = torch.optim.AdamW(model.parameters())


def train():
    ids = torch.randint(0, WORDS, (64, 129))
    optimizer.zero_grad()
    for part in ids.split(8):
        logits, _ = model(part[:, :-1])
        (F.cross_entropy(logits.reshape(-1, WORDS), part[:, 1:].reshape(-1)) / 8).backward()
    optimizer.step()


def decode():
    with torch.no_grad():
        logits, caches = model(torch.randint(0, WORDS, (64, 4)))
        for place in range(4, 36):
            p = logits[:, -1].softmax(-1)
            logits, caches = model(torch.multinomial(p, 1), place, caches)


print(json.dumps({"torch": torch.__version__, "productGflops": product_rate(), "trainMs": milliseconds(train, 3), "decodeMsPerStep": milliseconds(decode, 3) / 32}))
