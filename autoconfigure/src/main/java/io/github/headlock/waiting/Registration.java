package io.github.headlock.waiting;

/**
 * Ends what was registered when it is closed.
 */
public interface Registration extends AutoCloseable {

	@Override
	void close();

}
