package io.github.headlock.autoconfigure;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.event.ApplicationEventMulticaster;

/**
 * Makes a failed start end with its exit code. Spring Boot publishes the exit code to the
 * context, whose beans are destroyed by then. Listener beans that were never created, as
 * those of Actuator at this early moment, would be created now, in vain, and the error
 * would take the place of the exit code. So they are forgotten together with the
 * context's other beans.
 *
 * Created before the strategy, so that it is there when a start fails.
 *
 * @see org.springframework.boot.ExitCodeEvent
 */
class ListenerCleanup implements DisposableBean {

	private final boolean enabled;

	private final ApplicationEventMulticaster multicaster;

	ListenerCleanup(boolean enabled, ApplicationEventMulticaster multicaster) {
		this.enabled = enabled;
		this.multicaster = multicaster;
	}

	@Override
	public void destroy() {
		if (this.enabled) {
			this.multicaster.removeApplicationListenerBeans((name) -> true);
		}
	}

}
