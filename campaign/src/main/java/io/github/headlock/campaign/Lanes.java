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
final class Lanes implements AutoCloseable {

	private final List<Lab> labs = new ArrayList<>();

	private Lanes() {
	}

	/**
	 * Opens them.
	 * @param number how many rounds run at a time
	 * @param classPath class path of the replicas, of archives only
	 * @param folder where migrations and logs go
	 */
	static Lanes open(int number, String classPath, Path folder)
			throws IOException, InterruptedException, SQLException {
		Lanes lanes = new Lanes();
		try {
			for (int i = 0; i < number; i++) {
				lanes.labs.add(Lab.open(classPath, folder.resolve("lane-" + i)));
			}
			return lanes;
		}
		catch (IOException | InterruptedException | SQLException | RuntimeException ex) {
			lanes.close();
			throw ex;
		}
	}

	/**
	 * Runs a round for each seed.
	 * @param seeds the seeds
	 * @param work runs one round; if one fails, no further one is begun
	 * @throws Exception what a round failed with
	 */
	void forEach(long[] seeds, Work work) throws Exception {
		Queue<Long> left = new ConcurrentLinkedQueue<>(LongStream.of(seeds).boxed().toList());
		ExecutorService executor = Executors.newFixedThreadPool(this.labs.size());
		try {
			List<Callable<Void>> lanes = this.labs.stream().<Callable<Void>>map((lab) -> () -> {
				run(lab, left, work);
				return null;
			}).toList();
			for (Future<Void> lane : executor.invokeAll(lanes)) {
				lane.get();
			}
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception failure) ? failure : ex;
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static void run(Lab lab, Queue<Long> left, Work work) throws Exception {
		try {
			for (Long seed = left.poll(); seed != null; seed = left.poll()) {
				work.run(lab, seed);
			}
		}
		finally {
			left.clear();
		}
	}

	@Override
	public void close() {
		this.labs.forEach(Lab::close);
	}

	/**
	 * What is done for a seed.
	 */
	interface Work {

		void run(Lab lab, long seed) throws Exception;

	}

}
