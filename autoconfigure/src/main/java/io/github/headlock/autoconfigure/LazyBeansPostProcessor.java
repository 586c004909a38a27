package io.github.headlock.autoconfigure;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.context.ApplicationListener;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * Creates beans only when they are asked for, whatever they say themselves, starts none
 * of them, and lets none listen.
 */
final class LazyBeansPostProcessor {

	private LazyBeansPostProcessor() {
	}

	/**
	 * Applies this to a context whose bean definitions are all there.
	 * @param beanFactory the bean factory of the context
	 * @param listeners the listeners that are not beans
	 */
	static void apply(ConfigurableListableBeanFactory beanFactory, Collection<ApplicationListener<?>> listeners) {
		for (String name : beanFactory.getBeanDefinitionNames()) {
			BeanDefinition definition = beanFactory.getBeanDefinition(name);
			definition.setLazyInit(true);
			if (definition instanceof AbstractBeanDefinition bean) {
				bean.setBackgroundInit(false);
			}
		}
		beanFactory.registerSingleton(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME, new NoLifecycle());
		beanFactory.registerSingleton(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
				new NoBeansListen(listeners));
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

		private final Set<ApplicationListener<?>> allowed = Collections.newSetFromMap(new IdentityHashMap<>());

		NoBeansListen(Collection<ApplicationListener<?>> allowed) {
			this.allowed.addAll(allowed);
		}

		@Override
		public void addApplicationListenerBean(String listenerBeanName) {
		}

		@Override
		public void addApplicationListener(ApplicationListener<?> listener) {
			if (this.allowed.contains(listener)) {
				super.addApplicationListener(listener);
			}
		}

	}

}
