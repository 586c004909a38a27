package io.github.headlock.test;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Something under way on a thread of its own.
 *
 * @param <T> what it results in
 */
public final class Background<T> {

	private final FutureTask<T> task;

	private final Thread thread;

	private Background(Callable<T> callable) {
		this.task = new FutureTask<>(callable);
		this.thread = new Thread(this.task, "background");
		this.thread.setDaemon(true);
	}

	public static <T> Background<T> start(Callable<T> callable) {
		Background<T> background = new Background<>(callable);
		background.thread.start();
		return background;
	}

	public boolean isDone() {
		return this.task.isDone();
	}

	/** Whether it is in a method of this class now, or in one called from there. */
	public boolean isIn(String className) {
		return Arrays.stream(this.thread.getStackTrace()).anyMatch((frame) -> frame.getClassName().equals(className));
	}

	/** Whether it is a start that waits for the migration lock. */
	public boolean isWaitingForTheLock() {
		return isIn("io.github.headlock.startup.LockAcquisition");
	}

	public void interrupt() {
		this.thread.interrupt();
	}

	/** The result, within two minutes. */
	public T result() throws ExecutionException, InterruptedException, TimeoutException {
		return this.task.get(2, TimeUnit.MINUTES);
	}

	/** What it failed with, within two minutes. */
	public Throwable failure() throws InterruptedException, TimeoutException {
		try {
			throw new IllegalStateException("It succeeded: " + result());
		}
		catch (ExecutionException ex) {
			return ex.getCause();
		}
	}

}
