package io.github.headlock.test;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import org.springframework.boot.logging.LoggingSystem;

/**
 * The messages that Headlock logs, without stack traces. Until it is closed, Spring Boot
 * leaves logging as it is, because it would take this away.
 */
public final class HeadlockLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	private final List<String> messages = new CopyOnWriteArrayList<>();

	private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.headlock");

	private final @Nullable String loggingSystem;

	private HeadlockLog(@Nullable String loggingSystem) {
		this.loggingSystem = loggingSystem;
	}

	public static HeadlockLog open() {
		HeadlockLog log = new HeadlockLog(System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE));
		log.setContext(log.logger.getLoggerContext());
		log.start();
		log.logger.addAppender(log);
		return log;
	}

	public List<String> messages() {
		return List.copyOf(this.messages);
	}

	@Override
	protected void append(ILoggingEvent event) {
		this.messages.add(event.getFormattedMessage());
	}

	@Override
	public void close() {
		if (this.loggingSystem != null) {
			System.setProperty(LoggingSystem.SYSTEM_PROPERTY, this.loggingSystem);
		}
		else {
			System.clearProperty(LoggingSystem.SYSTEM_PROPERTY);
		}
		this.logger.detachAppender(this);
		stop();
	}

}
