package io.github.headlock.test;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/**
 * The messages that Headlock logs, without stack traces, also while Spring Boot sets up
 * logging anew.
 */
public final class HeadlockLog extends AppenderBase<ILoggingEvent> implements AutoCloseable, LoggerContextListener {

	private final List<String> messages = new CopyOnWriteArrayList<>();

	private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

	private HeadlockLog() {
	}

	public static HeadlockLog open() {
		HeadlockLog log = new HeadlockLog();
		log.setContext(log.context);
		log.start();
		log.context.addListener(log);
		log.attach();
		return log;
	}

	public List<String> messages() {
		return List.copyOf(this.messages);
	}

	private void attach() {
		Logger logger = this.context.getLogger("io.github.headlock");
		if (!logger.isAttached(this)) {
			start();
			logger.addAppender(this);
		}
	}

	@Override
	protected void append(ILoggingEvent event) {
		this.messages.add(event.getFormattedMessage());
	}

	@Override
	public boolean isResetResistant() {
		return true;
	}

	@Override
	public void onStart(LoggerContext started) {
		attach();
	}

	@Override
	public void onReset(LoggerContext reset) {
		attach();
	}

	@Override
	public void onStop(LoggerContext stopped) {
	}

	@Override
	public void onLevelChange(Logger logger, Level level) {
	}

	@Override
	public void close() {
		this.context.removeListener(this);
		this.context.getLogger("io.github.headlock").detachAppender(this);
		stop();
	}

}
