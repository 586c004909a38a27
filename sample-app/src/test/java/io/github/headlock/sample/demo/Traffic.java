package io.github.headlock.sample.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Users of the application: one for each pod, who looks at the latest parcels and
 * announces a new one, in turn, again and again. A failed request is counted, and never
 * repeated. The first answers of a pod are not among the longest: it gets parts of the
 * application ready for them.
 */
final class Traffic implements AutoCloseable {

	/** Who waits longer counts as not answered. */
	private static final Duration LONGEST = Duration.ofSeconds(5);

	private static final Duration PAUSE = Duration.ofMillis(20);

	private static final String PARCEL = """
			{"recipient": "Ada", "weightGrams": 1200, "origin": "BRE01"}""";

	private final HttpClient client = HttpClient.newBuilder().connectTimeout(LONGEST).build();

	private final List<Thread> users = new ArrayList<>();

	private final CountDownLatch ended = new CountDownLatch(1);

	private Answers answers = Answers.NONE;

	/** Begins to ask the pods that listen on these ports. */
	void begin(List<Integer> ports) {
		for (int port : ports) {
			Thread user = new Thread(() -> askAgainAndAgain(port), "user of port " + port);
			user.setDaemon(true);
			this.users.add(user);
			user.start();
		}
	}

	/** What became of the requests up to now. */
	synchronized Answers answers() {
		return this.answers;
	}

	/** Ends it, after a last request to each pod. */
	Answers end() throws InterruptedException {
		this.ended.countDown();
		for (Thread user : this.users) {
			user.join();
		}
		return answers();
	}

	private void askAgainAndAgain(int port) {
		URI parcels = URI.create("http://127.0.0.1:%d/parcels".formatted(port));
		HttpRequest latest = HttpRequest.newBuilder(parcels).timeout(LONGEST).build();
		HttpRequest announce = HttpRequest.newBuilder(parcels)
			.timeout(LONGEST)
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(PARCEL))
			.build();
		try {
			ask(latest, 200, false);
			ask(announce, 201, false);
			boolean over = false;
			while (!over) {
				over = this.ended.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
				ask(latest, 200, true);
				ask(announce, 201, true);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void ask(HttpRequest request, int expected, boolean timed) throws InterruptedException {
		long began = System.nanoTime();
		try {
			int status = this.client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
			Duration time = timed ? Duration.ofNanos(System.nanoTime() - began) : Duration.ZERO;
			count((answers) -> (status == expected) ? answers.plusAnswer(time)
					: answers.plusFailure("status %d instead of %d".formatted(status, expected)));
		}
		catch (IOException ex) {
			count((answers) -> answers.plusFailure(ex.toString()));
		}
	}

	private synchronized void count(UnaryOperator<Answers> one) {
		this.answers = one.apply(this.answers);
	}

	@Override
	public void close() throws InterruptedException {
		end();
	}

}
