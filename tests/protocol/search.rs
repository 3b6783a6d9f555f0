//! The exhaustive search: breadth first, so that a counterexample is a shortest one.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::mem::{Discriminant, discriminant};

use super::invariants::{self, Broken, Invariant};
use super::state::{Budget, Packed, World};
use super::steps::{Step, successors};
use super::table::Rules;

/// One run: the rules, and the faults the world may throw at them.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub rules: Rules,
    pub faults: Budget,
    pub echoes_may_be_lost: bool,
}

/// What a run found.
pub struct Report {
    pub states: usize,
    pub transitions: u64,
    /// Steps of the longest of all shortest paths.
    pub depth: u32,
    /// The kinds of step that happened.
    pub kinds: HashSet<Discriminant<Step>, foldhash::fast::FixedState>,
    pub broken: Option<Counterexample>,
}

/// A shortest way to break a promise.
pub struct Counterexample {
    pub broken: Broken,
    pub trace: Vec<(Step, World)>,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:?}: {}", self.broken.invariant, self.broken.why)?;
        for (i, (step, world)) in self.trace.iter().enumerate() {
            let msg = format!("{:?}", world.store.msg);
            let line = format!("{:>4}. {step}", i + 1);
            writeln!(f, "{line:<64} {msg:<12} copies at Meta: {}", world.copies())?;
        }
        Ok(())
    }
}

struct Search {
    run: Run,
    ids: HashMap<Packed, u32, foldhash::fast::FixedState>,
    worlds: Vec<World>,
    parents: Vec<u32>,
    /// How many steps that happen by themselves lead to each state.
    led_to_by: Vec<u32>,
    transitions: u64,
    kinds: HashSet<Discriminant<Step>, foldhash::fast::FixedState>,
}

/// Visits every state `run` can reach, until a promise breaks.
pub fn explore(run: Run) -> Report {
    let mut search = Search {
        run,
        ids: HashMap::default(),
        worlds: Vec::new(),
        parents: Vec::new(),
        led_to_by: Vec::new(),
        transitions: 0,
        kinds: HashSet::default(),
    };
    search.meet(&World::start(run.faults), 0);
    let mut depth = 0;
    let mut level_ends = 1;
    let mut at = 0;
    let mut next = Vec::new();
    while at < search.worlds.len() {
        if at == level_ends {
            depth += 1;
            level_ends = search.worlds.len();
        }
        if let Some(found) = search.expand(at as u32, &mut next) {
            return search.report(depth + 1, Some(found));
        }
        at += 1;
    }
    let endless = search.endless_run();
    search.report(depth, endless)
}

impl Search {
    /// The id of a state, and whether it is new.
    fn meet(&mut self, world: &World, parent: u32) -> (u32, bool) {
        let id = self.worlds.len() as u32;
        match self.ids.entry(world.pack()) {
            Entry::Occupied(known) => (*known.get(), false),
            Entry::Vacant(place) => {
                place.insert(id);
                self.worlds.push(*world);
                self.parents.push(parent);
                self.led_to_by.push(0);
                (id, true)
            }
        }
    }

    fn successors(&self, world: &World, out: &mut Vec<(Step, World)>) {
        successors(&self.run.rules, self.run.echoes_may_be_lost, world, out);
    }

    fn expand(&mut self, at: u32, next: &mut Vec<(Step, World)>) -> Option<Counterexample> {
        let world = self.worlds[at as usize];
        self.successors(&world, next);
        let mut quiet = true;
        for &(step, ref after) in next.iter() {
            self.transitions += 1;
            self.kinds.insert(discriminant(&step));
            if let Some(broken) = invariants::of_step(&world, step, after) {
                return Some(self.counterexample(broken, at, Some((step, *after))));
            }
            if *after == world {
                continue;
            }
            let (id, new) = self.meet(after, at);
            if !step.is_optional() {
                quiet = false;
                self.led_to_by[id as usize] += 1;
            }
            let broken = if new { invariants::of_state(self.run.rules.class, after) } else { None };
            if let Some(broken) = broken {
                return Some(self.counterexample(broken, at, Some((step, *after))));
            }
        }
        let broken =
            if quiet { invariants::of_quiet_state(self.run.echoes_may_be_lost, &world) } else { None };
        broken.map(|broken| self.counterexample(broken, at, None))
    }

    /// L1: takes away, again and again, the states that no remaining step leads to. What is left over, if
    /// anything, lies on or behind a circle in which the world can go round without a fault.
    fn endless_run(&self) -> Option<Counterexample> {
        let mut led_to_by = self.led_to_by.clone();
        let mut free: Vec<u32> =
            (0..led_to_by.len() as u32).filter(|id| led_to_by[*id as usize] == 0).collect();
        let mut next = Vec::new();
        while let Some(at) = free.pop() {
            let world = self.worlds[at as usize];
            self.successors(&world, &mut next);
            for (step, after) in &next {
                if step.is_optional() || *after == world {
                    continue;
                }
                if let Some(id) = self.ids.get(&after.pack()) {
                    led_to_by[*id as usize] -= 1;
                    if led_to_by[*id as usize] == 0 {
                        free.push(*id);
                    }
                }
            }
        }
        let on_circle = led_to_by.iter().position(|n| *n > 0)?;
        let broken =
            Broken { invariant: Invariant::L1, why: "the world can go round for ever without a fault" };
        Some(self.counterexample(broken, on_circle as u32, None))
    }

    /// The steps from the start to `at`, found again by looking for each state among its parent's successors.
    fn counterexample(&self, broken: Broken, at: u32, last: Option<(Step, World)>) -> Counterexample {
        let mut path = Vec::new();
        let mut id = at;
        while id != 0 {
            path.push(id);
            id = self.parents[id as usize];
        }
        let mut next = Vec::new();
        let mut trace = Vec::new();
        for id in path.into_iter().rev() {
            let target = self.worlds[id as usize];
            self.successors(&self.worlds[self.parents[id as usize] as usize], &mut next);
            trace.extend(next.iter().find(|(_, after)| *after == target));
        }
        trace.extend(last);
        Counterexample { broken, trace }
    }

    fn report(self, depth: u32, broken: Option<Counterexample>) -> Report {
        let Search { worlds, transitions, kinds, .. } = self;
        Report { states: worlds.len(), transitions, depth, kinds, broken }
    }
}
