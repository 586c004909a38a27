package io.github.headlock.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.headlock.testbed.CountingProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class CountingProxyTests {

	private final ServerSocket server;

	CountingProxyTests() throws IOException {
		this.server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
	}

	@AfterEach
	void stop() throws IOException {
		this.server.close();
	}

	@Test
	void aBurstAndItsAnswerAreOneTurn() throws IOException {
		try (CountingProxy proxy = proxy(Duration.ZERO); Socket client = connect(proxy); Socket peer = accept()) {
			say(client, peer, 'a');
			say(client, peer, 'b');
			say(peer, client, 'c');
			say(peer, client, 'd');
			assertThat(proxy.counts().turns()).isEqualTo(1);
			assertThat(proxy.counts().connections()).isEqualTo(1);
			turn(client, peer);
			assertThat(proxy.counts().turns()).isEqualTo(2);
		}
	}

	@Test
	void whatTheServerSaysUnaskedIsNoTurn() throws IOException {
		try (CountingProxy proxy = proxy(Duration.ZERO); Socket client = connect(proxy); Socket peer = accept()) {
			say(peer, client, 'n');
			assertThat(proxy.counts().turns()).isZero();
		}
	}

	@Test
	void connectionsAreCountedOneByOne() throws IOException {
		try (CountingProxy proxy = proxy(Duration.ZERO);
				Socket first = connect(proxy);
				Socket firstPeer = accept();
				Socket second = connect(proxy);
				Socket secondPeer = accept()) {
			turn(first, firstPeer);
			turn(second, secondPeer);
			assertThat(proxy.counts()).isEqualTo(new CountingProxy.Counts(2, 2));
		}
	}

	@Test
	void countsOfAPeriodLeaveOutWhatWasBefore() throws IOException {
		try (CountingProxy proxy = proxy(Duration.ZERO); Socket client = connect(proxy); Socket peer = accept()) {
			turn(client, peer);
			long between = CountingProxy.microsNow() + 1;
			while (CountingProxy.microsNow() <= between) {
				Thread.onSpinWait();
			}
			turn(client, peer);
			assertThat(proxy.counts(between, Long.MAX_VALUE)).isEqualTo(new CountingProxy.Counts(0, 1));
			assertThat(proxy.counts(0, between)).isEqualTo(new CountingProxy.Counts(1, 1));
		}
	}

	@Test
	void aTurnTakesTheDelay() throws IOException {
		try (CountingProxy proxy = proxy(Duration.ofMillis(200));
				Socket client = connect(proxy);
				Socket peer = accept()) {
			long start = System.nanoTime();
			turn(client, peer);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(200),
					Duration.ofMillis(390));
		}
	}

	/**
	 * As on a long line, where the second packet does not wait for the first to arrive.
	 */
	@Test
	void manyPacketsTakeTheDelayOnce() throws IOException {
		byte[] answer = new byte[4 * 1024 * 1024];
		try (CountingProxy proxy = proxy(Duration.ofMillis(400));
				Socket client = connect(proxy);
				Socket peer = accept()) {
			long start = System.nanoTime();
			CompletableFuture<Void> server = CompletableFuture.runAsync(() -> answer(peer, answer));
			client.getOutputStream().write('q');
			assertThat(client.getInputStream().readNBytes(answer.length)).hasSize(answer.length);
			server.join();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(400),
					Duration.ofMillis(1200));
			assertThat(proxy.counts().turns()).isEqualTo(1);
		}
	}

	@Test
	void theEndOfOneSideReachesTheOther() throws IOException {
		try (CountingProxy proxy = proxy(Duration.ZERO)) {
			try (Socket client = connect(proxy); Socket peer = accept()) {
				turn(client, peer);
				client.close();
				assertThat(peer.getInputStream().read()).isEqualTo(-1);
			}
			try (Socket client = connect(proxy); Socket peer = accept()) {
				turn(client, peer);
				peer.close();
				assertThat(client.getInputStream().read()).isEqualTo(-1);
			}
		}
	}

	private static void answer(Socket peer, byte[] answer) {
		try {
			InputStream in = peer.getInputStream();
			assertThat(in.read()).isEqualTo('q');
			OutputStream out = peer.getOutputStream();
			out.write(answer);
			out.flush();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void turn(Socket client, Socket peer) throws IOException {
		say(client, peer, 'q');
		say(peer, client, 'a');
	}

	private static void say(Socket from, Socket to, char word) throws IOException {
		from.getOutputStream().write(word);
		assertThat(to.getInputStream().read()).isEqualTo(word);
	}

	private CountingProxy proxy(Duration delay) {
		return CountingProxy.start("127.0.0.1", this.server.getLocalPort(), delay);
	}

	private static Socket connect(CountingProxy proxy) throws IOException {
		return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
	}

	private Socket accept() throws IOException {
		return this.server.accept();
	}

}
