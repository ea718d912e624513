# DuckDB's answer to the question of benches/overlap.rs, on the same numbers, made by the same sums.
# Prints: version, answers, processor seconds as loaded, processor seconds clustered, megabytes.
import resource
import duckdb

VISITS, CASES, PLACES, GAP = 10_000_000, 1_000, 5_000, 30
STAY = """
    SELECT CAST(i AS UINTEGER) AS subject,
           CAST((i * 2654435761 // 128) % {places} AS UINTEGER) AS place,
           CAST((i * 40503) % 20160 AS UINTEGER) AS earliest,
           CAST((i * 40503) % 20160 + 5 + (i * 97) % 236 AS UINTEGER) AS latest
    FROM range({first}, {last}) AS t(i)
"""
QUESTION = """
    SELECT count(*),
           sum(greatest(0, least(v.latest, c.latest)::BIGINT - greatest(v.earliest, c.earliest)::BIGINT))
    FROM cases c JOIN {visits} v
      ON v.place = c.place AND v.earliest <= c.latest + {gap} AND v.latest >= c.earliest AND v.subject <> c.subject
"""


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def least(db, visits):
    best, answer = None, None
    for _ in range(5):
        before = cpu()
        answer = db.execute(QUESTION.format(visits=visits, gap=GAP)).fetchone()
        took = cpu() - before
        best = took if best is None else min(best, took)
    return answer, best


db = duckdb.connect()
db.execute("SET threads = 2")
db.execute("CREATE TABLE visits AS " + STAY.format(places=PLACES, first=0, last=VISITS))
db.execute("CREATE TABLE cases AS " + STAY.format(places=PLACES, first=VISITS, last=VISITS + CASES))
answer, loaded = least(db, "visits")
db.execute("CREATE TABLE clustered AS SELECT * FROM visits ORDER BY place, earliest")
again, clustered = least(db, "clustered")
assert again == answer
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(duckdb.__version__, answer[0], int(answer[1]), loaded, clustered, memory)
