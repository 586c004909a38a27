package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.TimedCall;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.util.ClassUtils;

/**
 * Finds out whether a data source gives as many connections at a time as are needed.
 *
 * @param source the data source
 */
record PoolCapacity(DataSource source) {

	private static final Logger logger = LoggerFactory.getLogger(PoolCapacity.class);

	/** As long as HikariCP waits by default. */
	private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

	private static final boolean HIKARI = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
			PoolCapacity.class.getClassLoader());

	/**
	 * Makes sure that there are enough, while one of them is taken. The others are taken
	 * for a moment, because most pools do not tell their size.
	 * @param needed number of connections, the one that is taken included
	 * @param atMost longest wait for the others, which is 30 seconds in any case
	 * @throws PoolTooSmallException if there are not
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread is
	 * interrupted
	 */
	void ensureAtLeast(int needed, Duration atMost) {
		OptionalInt size = size();
		if (size.isPresent() && size.getAsInt() < needed) {
			throw tooSmall(needed, size.getAsInt(), null);
		}
		List<Connection> others = new ArrayList<>();
		Deadline deadline = Deadline.in((atMost.compareTo(LONGEST_WAIT) < 0) ? atMost : LONGEST_WAIT);
		try (Backoff backoff = new Backoff("waiting for connections beside the one that holds the lock")) {
			while (others.size() < needed - 1) {
				others.add(take(1 + others.size(), needed, deadline, backoff));
			}
		}
		catch (SQLException ex) {
			// of the server, which lets others in first or is gone: Flyway will be told
			logger.debug("The number of available connections cannot be determined", ex);
		}
		finally {
			others.forEach(JdbcUtils::closeConnection);
		}
	}

	private Connection take(int taken, int needed, Deadline deadline, Backoff backoff) throws SQLException {
		TimedCall<Connection> call = new TimedCall<>(this.source::getConnection);
		try {
			return call.call(deadline.remaining(), PoolCapacity::execute);
		}
		catch (SQLException | RuntimeException ex) {
			if (call.isTimedOut()) {
				throw tooSmall(needed, taken, new SQLTimeoutException("no further one within " + deadline, ex));
			}
			if (!(ex instanceof SQLException failure)) {
				throw ex;
			}
			backoff.throwIfInterrupted(failure);
			if (ConnectionFailure.mayPass(failure) || ConnectionFailure.isAnswer(failure)) {
				throw failure;
			}
			throw tooSmall(needed, taken, failure);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private OptionalInt size() {
		if (DataSourceUnwrapper.unwrap(this.source, SingleConnectionDataSource.class) != null) {
			return OptionalInt.of(1);
		}
		return HIKARI ? Hikari.size(this.source) : OptionalInt.empty();
	}

	private PoolTooSmallException tooSmall(int needed, int available, @Nullable Exception cause) {
		return new PoolTooSmallException(this.source.getClass().getName(), needed, available, cause);
	}

	private static void execute(Runnable task) {
		Thread thread = new Thread(task, "headlock-pool");
		thread.setDaemon(true);
		thread.start();
	}

	/** Needs HikariCP on the class path. */
	private static final class Hikari {

		static OptionalInt size(DataSource source) {
			HikariDataSource pool = DataSourceUnwrapper.unwrap(source, HikariConfigMXBean.class,
					HikariDataSource.class);
			return (pool != null) ? OptionalInt.of(pool.getMaximumPoolSize()) : OptionalInt.empty();
		}

	}

}
