package io.github.headlock.autoconfigure;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.event.ApplicationListenerMethodAdapter;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * Creates beans only when they are asked for, whatever they say themselves, starts none
 * of them, and lets none listen.
 */
final class OnlyOnDemand {

	private OnlyOnDemand() {
	}

	static void apply(ConfigurableListableBeanFactory beanFactory) {
		for (String name : beanFactory.getBeanDefinitionNames()) {
			beanFactory.getBeanDefinition(name).setLazyInit(true);
		}
		beanFactory.registerSingleton(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME, new NoLifecycle());
		beanFactory.registerSingleton(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
				new NoBeansListen());
	}

	/**
	 * Starts and stops nothing.
	 */
	private static final class NoLifecycle implements LifecycleProcessor {

		@Override
		public void onRefresh() {
		}

		@Override
		public void onClose() {
		}

		@Override
		public void start() {
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return false;
		}

	}

	/**
	 * Leaves out the listeners that are beans or methods of beans.
	 */
	private static final class NoBeansListen extends SimpleApplicationEventMulticaster {

		@Override
		public void addApplicationListenerBean(String listenerBeanName) {
		}

		@Override
		public void addApplicationListener(ApplicationListener<?> listener) {
			if (!(listener instanceof ApplicationListenerMethodAdapter)) {
				super.addApplicationListener(listener);
			}
		}

	}

}
