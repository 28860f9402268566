//! A counting module goes up by the instructions of a stretch where the stretch begins, and nowhere else.

use tearoff_bench::count::{EXPORT, counting};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    Instruction, Module, TypeSection, ValType,
};
use wasmparser::{Operator, Parser, Payload};

/// A module with one global and one exported function.
fn module(body: &[Instruction<'_>]) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(0));
    let mut exports = ExportSection::new();
    exports.export("run", ExportKind::Func, 0);
    let mut function = Function::new([]);
    for instruction in body {
        function.instruction(instruction);
    }
    let mut code = CodeSection::new();
    code.function(&function);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&globals).section(&exports).section(&code);
    module.finish()
}

/// The function's instructions in short: each number is an addition to the counter.
fn told(module: &[u8]) -> Vec<String> {
    let mut told = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload.expect("a module") {
            for operator in body.get_operators_reader().expect("a body") {
                told.push(match operator.expect("an operator") {
                    Operator::I64Const { value } => value.to_string(),
                    Operator::GlobalGet { global_index: 1 }
                    | Operator::GlobalSet { global_index: 1 }
                    | Operator::I64Add => continue,
                    other => format!("{other:?}").split(' ').next().unwrap_or_default().to_owned(),
                });
            }
        }
    }
    told
}

#[test]
fn each_stretch_is_counted_where_it_begins() {
    let body = [
        Instruction::Block(BlockType::Empty),
        Instruction::Loop(BlockType::Empty),
        Instruction::LocalGet(0),
        Instruction::I32Eqz,
        Instruction::BrIf(1),
        Instruction::LocalGet(0),
        Instruction::If(BlockType::Empty),
        Instruction::Nop,
        Instruction::Else,
        Instruction::Return,
        Instruction::End,
        Instruction::Br(0),
        Instruction::End,
        Instruction::End,
        Instruction::End,
    ];
    let want = "2 Block Loop 3 LocalGet I32Eqz BrIf 2 LocalGet If 1 Nop Else 1 Return End 1 Br End End End";
    let made = counting(&module(&body)).expect("a module");
    assert_eq!(told(&made).join(" "), want);
}

#[test]
fn the_counter_is_exported_after_what_was() {
    let made = counting(&module(&[Instruction::End])).expect("a module");
    let exports = Parser::new(0).parse_all(&made).find_map(|payload| match payload.expect("a module") {
        Payload::ExportSection(exports) => Some(exports),
        _ => None,
    });
    let exports: Vec<_> = exports.expect("exports").into_iter().map(|export| export.expect("an export")).collect();
    let names: Vec<_> = exports.iter().map(|export| (export.name, export.index)).collect();
    assert_eq!(names, [("run", 0), (EXPORT, 1)]);
}

#[test]
fn what_is_no_module_is_refused() {
    assert!(counting(b"no module").is_err());
    assert!(counting(&Module::new().finish()).expect_err("no globals").contains("no globals"));
}
