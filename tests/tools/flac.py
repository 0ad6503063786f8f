"""Recordings of silence, as small as FLAC makes them: 14 bytes for more than a second.

The format is that of RFC 9639: STREAMINFO, then frames of one constant subframe.
"""

from collections.abc import Iterator

BLOCK = 65_535


def silent_flac(blocks: int, rate: int) -> bytes:
    return b"fLaC" + _stream_info(rate, blocks * BLOCK) + b"".join(_frames(blocks))


def _stream_info(rate: int, total: int) -> bytes:
    bits = rate << 44 | 15 << 36 | total  # one channel, 16 bits a sample
    info = BLOCK.to_bytes(2) * 2 + bytes(6) + bits.to_bytes(8) + bytes(16)
    return b"\x80" + len(info).to_bytes(3) + info


def _frames(count: int) -> Iterator[bytes]:
    for number in range(count):
        # A fixed block size, told in 16 bits; rate and sample size as in STREAMINFO.
        head = b"\xff\xf8\x70\x00" + chr(number).encode("utf-8", "surrogatepass")
        head += (BLOCK - 1).to_bytes(2)
        head += bytes([_crc(head, 0x07, 8)])
        frame = head + b"\x00\x00\x00"  # one constant subframe: 16 bits of silence
        yield frame + _crc(frame, 0x8005, 16).to_bytes(2)


def _crc(data: bytes, polynomial: int, width: int) -> int:
    register, top = 0, 1 << (width - 1)
    for byte in data:
        register ^= byte << (width - 8)
        for _ in range(8):
            register = (register << 1) ^ (polynomial if register & top else 0)
        register &= (1 << width) - 1
    return register
