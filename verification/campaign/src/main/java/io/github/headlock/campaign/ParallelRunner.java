package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/**
 * Runs several rounds at a time, each in a lab of its own, so that the faults of one do
 * not strike another.
 */
final class ParallelRunner implements AutoCloseable {

	private final List<TestBench> labs = new ArrayList<>();

	private ParallelRunner() {
	}

	/**
	 * Opens them.
	 * @param number how many rounds run at a time
	 * @param classPath class path of the replicas, of archives only
	 * @param folder where migrations and logs go
	 * @param failover whether each server has a standby
	 */
	static ParallelRunner open(int number, String classPath, Path folder, boolean failover)
			throws IOException, InterruptedException, SQLException {
		ParallelRunner lanes = new ParallelRunner();
		try {
			for (int i = 0; i < number; i++) {
				lanes.labs.add(TestBench.open(classPath, folder.resolve("lane-" + i), failover));
			}
			return lanes;
		}
		catch (IOException | InterruptedException | SQLException | RuntimeException ex) {
			lanes.close();
			throw ex;
		}
	}

	/**
	 * Runs a round for each seed. ParallelRunner that cannot go on leave their seeds to
	 * the others.
	 * @param seeds the seeds
	 * @param work runs one round
	 * @return what lanes failed with
	 */
	List<Throwable> forEach(long[] seeds, Work work) throws InterruptedException {
		Queue<Long> left = new ConcurrentLinkedQueue<>(LongStream.of(seeds).boxed().toList());
		List<Throwable> failures = new ArrayList<>();
		ExecutorService executor = Executors.newFixedThreadPool(this.labs.size(), (task) -> {
			Thread thread = new Thread(task, "lane");
			thread.setDaemon(true);
			return thread;
		});
		try {
			List<Callable<Void>> lanes = this.labs.stream().<Callable<Void>>map((lab) -> () -> {
				for (Long seed = left.poll(); seed != null; seed = left.poll()) {
					work.run(lab, seed);
				}
				return null;
			}).toList();
			for (Future<Void> lane : executor.invokeAll(lanes)) {
				try {
					lane.get();
				}
				catch (ExecutionException ex) {
					failures.add(ex.getCause());
				}
			}
			return failures;
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Override
	public void close() {
		this.labs.forEach((lab) -> {
			try {
				lab.close();
			}
			catch (RuntimeException ex) {
				// of a server that is down; the others are to be closed, too
			}
		});
	}

	/**
	 * What is done for a seed.
	 */
	interface Work {

		void run(TestBench lab, long seed) throws Exception;

	}

}
