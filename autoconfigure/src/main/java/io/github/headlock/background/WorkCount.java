package io.github.headlock.background;

/**
 * Counts what this process has done for a background migration, while it served and at
 * the gate. Told after each transaction. Thread-safe.
 */
public final class WorkCount {

	private long rowsChanged;

	private long rowsUnchanged;

	/** Falls when rows are gone along again that have been counted already. */
	private long rowsUnchangedNow;

	private long batchesDone;

	private long batchesFailed;

	WorkCount() {
	}

	/**
	 * Takes note of a transaction of a batch that was committed.
	 * @param seen number of rows that it has gone along, negative for rows that are gone
	 * along again
	 * @param changed number of rows that it has changed
	 */
	synchronized void done(long seen, long changed) {
		this.batchesDone++;
		count(seen, changed);
	}

	/**
	 * Takes note of a transaction of a batch that has failed.
	 * @param again number of rows that were counted before, and are gone along again
	 */
	synchronized void failed(long again) {
		this.batchesFailed++;
		count(-again, 0);
	}

	/**
	 * Takes note of a row that a pass has left, and that was then worked on alone.
	 * @param changed number of rows that were changed, which a pass has counted before
	 */
	synchronized void rowDone(long changed) {
		count(0, changed);
	}

	private void count(long seen, long changed) {
		this.rowsChanged += changed;
		this.rowsUnchangedNow += seen - changed;
		this.rowsUnchanged = Math.max(this.rowsUnchanged, this.rowsUnchangedNow);
	}

	/**
	 * Returns the number of rows that this process has changed.
	 * @return the number, which never falls
	 */
	public synchronized long rowsChanged() {
		return this.rowsChanged;
	}

	/**
	 * Returns the number of rows that this process has gone along without a change.
	 * @return the number, which never falls
	 */
	public synchronized long rowsUnchanged() {
		return this.rowsUnchanged;
	}

	/**
	 * Returns the number of transactions that were committed.
	 * @return the number, which never falls
	 */
	public synchronized long batchesDone() {
		return this.batchesDone;
	}

	/**
	 * Returns the number of transactions that have failed.
	 * @return the number, which never falls
	 */
	public synchronized long batchesFailed() {
		return this.batchesFailed;
	}

}
