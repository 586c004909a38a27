package io.github.headlock.benchmark;

/**
 * What replicas meet when they are rolled out, and how they reach it.
 */
enum Way {

	/** Nothing is left to apply. */
	AT_HEAD("at head", true, 0),

	/** A migration to apply, straight to the server. */
	DIRECT("direct", false, 0),

	/** Through PgBouncer with enough server connections for most. */
	POOL_OF_20("PgBouncer with a pool of 20", false, 20),

	/** Through PgBouncer with as few as a small database has. */
	POOL_OF_2("PgBouncer with a pool of 2", false, 2);

	private final String title;

	private final boolean atHead;

	private final int poolSize;

	Way(String title, boolean atHead, int poolSize) {
		this.title = title;
		this.atHead = atHead;
		this.poolSize = poolSize;
	}

	String title() {
		return this.title;
	}

	boolean isAtHead() {
		return this.atHead;
	}

	boolean isPooled() {
		return this.poolSize > 0;
	}

	int poolSize() {
		return this.poolSize;
	}

}
