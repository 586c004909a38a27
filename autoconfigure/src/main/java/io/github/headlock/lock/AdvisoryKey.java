package io.github.headlock.lock;

import java.util.Locale;

/**
 * Finds an advisory lock of this database in {@code pg_locks}, where a bigint key is
 * shown as its two halves.
 *
 * @param key the key, as {@code pg_advisory_lock(bigint)} takes it
 * @see <a href= "https://www.postgresql.org/docs/current/view-pg-locks.html">pg_locks</a>
 */
record AdvisoryKey(long key) {

	/**
	 * Condition on {@code pg_locks l}: it is held, of this database, and has a bigint.
	 */
	static final String HELD = """
			l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted \
			AND l.objsubid OPERATOR(pg_catalog.=) 1::smallint AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid \
			FROM pg_catalog.pg_database d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())""";

	/** Condition on {@code pg_locks l}: it has this key. */
	String matches() {
		return String.format(Locale.ROOT,
				"(l.classid OPERATOR(pg_catalog.=) %d::pg_catalog.oid AND l.objid OPERATOR(pg_catalog.=) %d::pg_catalog.oid)",
				this.key >>> 32, this.key & 0xFFFFFFFFL);
	}

	/** Condition on {@code pg_locks l}: it is this lock, and held. */
	String isHeld() {
		return HELD + " AND " + matches();
	}

}
