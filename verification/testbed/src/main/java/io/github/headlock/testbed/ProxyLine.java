package io.github.headlock.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Carries what one socket says to another, each packet later by the same time.
 */
final class ProxyLine implements Runnable {

	private final Socket from;

	private final Socket to;

	private final long delayNanos;

	private final Runnable observer;

	private final BlockingQueue<Packet> packets = new LinkedBlockingQueue<>();

	/** The observer is told of each packet before it is carried. */
	ProxyLine(Socket from, Socket to, Duration delay, Runnable observer) {
		this.from = from;
		this.to = to;
		this.delayNanos = delay.toNanos();
		this.observer = observer;
	}

	/** Until one of the two is closed, and then closes the other. */
	@Override
	public void run() {
		if (this.delayNanos > 0) {
			Thread delivery = new Thread(this::deliver, "counting-proxy");
			delivery.setDaemon(true);
			delivery.start();
			read((buffer, length) -> this.packets
				.add(new Packet(System.nanoTime() + this.delayNanos, Arrays.copyOf(buffer, length))));
			this.packets.add(new Packet(0, new byte[0]));
		}
		else {
			try (Socket receiver = this.to) {
				OutputStream out = receiver.getOutputStream();
				read((buffer, length) -> out.write(buffer, 0, length));
			}
			catch (IOException ex) {
				// it is closed
			}
		}
	}

	private void read(Sink sink) {
		byte[] buffer = new byte[64 * 1024];
		try {
			InputStream in = this.from.getInputStream();
			for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
				this.observer.run();
				sink.take(buffer, length);
			}
		}
		catch (IOException ex) {
			// one of the two is closed
		}
	}

	private void deliver() {
		try (Socket receiver = this.to) {
			OutputStream out = receiver.getOutputStream();
			for (Packet packet = this.packets.take(); !packet.isEnd(); packet = this.packets.take()) {
				packet.await();
				out.write(packet.content);
			}
		}
		catch (IOException ex) {
			// it is closed
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private interface Sink {

		void take(byte[] buffer, int length) throws IOException;

	}

	/** What was said at once, and when it is to arrive; without content it is the end. */
	private static final class Packet {

		private final long due;

		private final byte[] content;

		Packet(long due, byte[] content) {
			this.due = due;
			this.content = content;
		}

		boolean isEnd() {
			return this.content.length == 0;
		}

		void await() {
			for (long left = left(); left > 0; left = left()) {
				LockSupport.parkNanos(left);
			}
		}

		private long left() {
			return this.due - System.nanoTime();
		}

	}

}
